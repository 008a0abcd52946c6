//go:build !windows

package blob_test

import "syscall"

const errDiskFull = syscall.ENOSPC
