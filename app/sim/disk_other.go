//go:build !linux

package sim

// withFullDisk has nothing to fill a disk with on this system.
func withFullDisk(_ uint64, do func()) error {
	do()
	return nil
}

func withRoom(do func()) error {
	do()
	return nil
}
