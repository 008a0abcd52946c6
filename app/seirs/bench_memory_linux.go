package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// ownPeakMB is the most memory that this process has held, in MB.
func ownPeakMB() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kb float64
		if strings.HasPrefix(lines.Text(), "VmHWM:") {
			if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %f kB", &kb); err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}

// childPeakMB is the most memory that an ended process has held, in MB.
func childPeakMB(s *os.ProcessState) float64 {
	if usage, ok := s.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) / 1024
	}
	return 0
}
