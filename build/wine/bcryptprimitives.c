/*
 * Stands in for bcryptprimitives.dll in wine 8, which lacks it: Go's runtime
 * takes its random bytes from ProcessPrng. For tests only.
 */
#include <windows.h>

/* advapi32 exports RtlGenRandom under this name; it is the same system generator. */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
  return SystemFunction036(buffer, (ULONG)length);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance, (void)reason, (void)reserved;
  return TRUE;
}
