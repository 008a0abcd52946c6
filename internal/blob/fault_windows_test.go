package blob_test

import "syscall"

const errDiskFull = syscall.Errno(112) // ERROR_DISK_FULL
