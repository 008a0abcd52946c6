// A PKCS#11 module for tests that goes wrong on request. It stands before a real
// one (SoftHSM), passes everything on, and does what the environment says, or, for
// programs whose drivers see no such environment, a file beside it with ".conf" at
// the end of its name, a NAME=VALUE on each line. The file is read at every call, so
// that a test pulls the token out by writing into it, and puts it back:
//
//   FAULTY_REAL   path of the real module
//   FAULTY_MODE   list of words, see below
//   FAULTY_LOG    file that gets one line per C_Login ("user 8", "context 8",
//                 "user NULL": who logs in, and the PIN's length)
//   FAULTY_PIN    the PIN that the pretended PIN pad types
//   FAULTY_HOLD   how many signatures a process makes before the next one waits
//                 until this is not said any more; for a test that has to do
//                 something between two signatures, however slow the machine
//
// Words: crash-init crash-login crash-sign, hang-init hang-list hang-login
// hang-sign hang-logout, noise (prints on standard output), low final locked
// (the token's flags), blocks (the wrong PIN blocks), pad (PIN pad), always (login
// for each signature), removed-sign, gone-sign (general error and an empty slot),
// removed (the token is out while the word stands there), swapped (signs something else), canceled-login, rejected-always (the second
// login of "always" is refused), logged-in (someone else is logged in first).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkcs11go.h"

static CK_FUNCTION_LIST *real, ours;
static int waiting, gone, logins, signatures;

// setting reads the environment, or else the file beside the module.
static const char *setting(const char *name)
{
	static char line[4096];
	char path[4096];
	size_t n = strlen(name);
	const char *value = getenv(name);
	Dl_info self;
	FILE *file;
	if (value != NULL || !dladdr((void *)setting, &self))
		return value;
	snprintf(path, sizeof path, "%s.conf", self.dli_fname);
	if ((file = fopen(path, "r")) == NULL)
		return NULL;
	while (value == NULL && fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "\r\n")] = 0;
		if (strncmp(line, name, n) == 0 && line[n] == '=')
			value = line + n + 1;
	}
	fclose(file);
	return value ? strdup(value) : NULL;
}

static int mode(const char *word)
{
	const char *list = setting("FAULTY_MODE"), *at = list ? strstr(list, word) : NULL;
	size_t n = strlen(word);
	return at != NULL && (at[n] == 0 || at[n] == ' ') && (at == list || at[-1] == ' ');
}

static void fault(const char *where)
{
	char word[64];
	snprintf(word, sizeof word, "crash-%s", where);
	if (mode(word))
		*(volatile int *)8 = 1;
	snprintf(word, sizeof word, "hang-%s", where);
	while (mode(word))
		pause();
	if (mode("noise")) {
		printf("driver: %s\n", where);
		fflush(stdout);
	}
}

static CK_RV initialize(CK_VOID_PTR args)
{
	fault("init");
	return real->C_Initialize(args);
}

static CK_RV slot_list(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count)
{
	fault("list");
	if (mode("removed") && present) {
		*count = 0;
		return CKR_OK;
	}
	return real->C_GetSlotList(present, list, count);
}

static CK_RV slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
	CK_RV rv = real->C_GetSlotInfo(slot, info);
	if (gone || mode("removed"))
		info->flags &= ~(CK_FLAGS)CKF_TOKEN_PRESENT;
	return rv;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	CK_RV rv = real->C_GetTokenInfo(slot, info);
	if (rv != CKR_OK || !(info->flags & CKF_TOKEN_INITIALIZED))
		return rv;
	if (mode("low"))
		info->flags |= CKF_USER_PIN_COUNT_LOW;
	if (mode("final"))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (mode("locked") || (mode("blocks") && logins > 0))
		info->flags |= CKF_USER_PIN_LOCKED;
	if (mode("pad"))
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	return rv;
}

static void note(const char *who, CK_UTF8CHAR_PTR pin, CK_ULONG length)
{
	const char *path = setting("FAULTY_LOG");
	FILE *log = path ? fopen(path, "a") : NULL;
	if (log == NULL)
		return;
	if (pin == NULL)
		fprintf(log, "%s NULL\n", who);
	else
		fprintf(log, "%s %lu\n", who, length);
	fclose(log);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length)
{
	note(user == CKU_CONTEXT_SPECIFIC ? "context" : "user", pin, length);
	fault("login");
	if (mode("canceled-login"))
		return CKR_FUNCTION_CANCELED;
	if (mode("logged-in") && logins++ == 0)
		return CKR_USER_ALREADY_LOGGED_IN;
	logins++;
	if (user == CKU_CONTEXT_SPECIFIC) {
		const char *right = setting("FAULTY_PIN");
		if (mode("rejected-always") || (pin != NULL && (strlen(right) != length || memcmp(right, pin, length))))
			return CKR_PIN_INCORRECT;
		waiting = 0;
		return CKR_OK;
	}
	if (mode("pad")) {
		if (pin != NULL)
			return CKR_ARGUMENTS_BAD;
		pin = (CK_UTF8CHAR_PTR)setting("FAULTY_PIN");
		length = strlen((char *)pin);
	}
	return real->C_Login(session, user, pin, length);
}

static CK_RV logout(CK_SESSION_HANDLE session)
{
	fault("logout");
	return real->C_Logout(session);
}

static CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR list, CK_ULONG count)
{
	CK_RV rv = real->C_GetAttributeValue(session, object, list, count);
	for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++)
		if (list[i].type == CKA_ALWAYS_AUTHENTICATE && list[i].pValue != NULL && mode("always"))
			*(CK_BBOOL *)list[i].pValue = CK_TRUE;
	return rv;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
	waiting = mode("always");
	return real->C_SignInit(session, mechanism, key);
}

// hold waits before a signature while the test says so.
static void hold(void)
{
	const char *most;
	while ((most = setting("FAULTY_HOLD")) != NULL && signatures >= atoi(most))
		usleep(20000);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR size)
{
	fault("sign");
	hold();
	if (mode("removed-sign") || mode("removed"))
		return CKR_DEVICE_REMOVED;
	if (mode("gone-sign")) {
		gone = 1;
		return CKR_GENERAL_ERROR;
	}
	if (waiting)
		return CKR_USER_NOT_LOGGED_IN;
	if (mode("swapped") && out != NULL)
		data[length - 1] ^= 1;
	if (out != NULL)
		signatures++;
	return real->C_Sign(session, data, length, out, size);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	void *module = dlopen(setting("FAULTY_REAL"), RTLD_NOW);
	CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
	if (get == NULL || get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	ours = *real;
	ours.C_Initialize = initialize;
	ours.C_GetFunctionList = C_GetFunctionList;
	ours.C_GetSlotList = slot_list;
	ours.C_GetSlotInfo = slot_info;
	ours.C_GetTokenInfo = token_info;
	ours.C_Login = login;
	ours.C_Logout = logout;
	ours.C_GetAttributeValue = attribute;
	ours.C_SignInit = sign_init;
	ours.C_Sign = sign;
	*list = &ours;
	return CKR_OK;
}
