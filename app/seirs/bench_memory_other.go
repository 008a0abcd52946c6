//go:build !linux

package main

import "os"

// Memory is measured on Linux only.
func ownPeakMB() float64 { return 0 }

func childPeakMB(*os.ProcessState) float64 { return 0 }
