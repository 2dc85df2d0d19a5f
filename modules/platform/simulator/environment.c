/* What the SDK does not give to a Linux build: environment, monotonic time, entropy, exit code. */
#include "xsmc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

/* (name) → text, or undefined */
void xs_environment_get(xsMachine *the)
{
	char *value = getenv(xsmcToString(xsArg(0)));
	/* The SDK's sockets write to closed peers, which would end the process. */
	signal(SIGPIPE, SIG_IGN);
	if (value)
		xsmcSetString(xsResult, value);
}

/* () → milliseconds; never goes back */
void xs_environment_monotonic(xsMachine *the)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	xsmcSetNumber(xsResult, (double)now.tv_sec * 1000.0 + (double)now.tv_nsec / 1000000.0);
}

/* (buffer): fills all of it */
void xs_environment_entropy(xsMachine *the)
{
	void *buffer;
	xsUnsignedValue length, done = 0;
	xsmcGetBufferWritable(xsArg(0), &buffer, &length);
	while (done < length) {
		ssize_t count = getrandom((char *)buffer + done, length - done, 0);
		if (count < 0 && errno != EINTR)
			xsUnknownError("no entropy");
		if (count > 0)
			done += (xsUnsignedValue)count;
	}
}

/* (code): ends the process */
void xs_environment_exit(xsMachine *the)
{
	exit(xsmcToInteger(xsArg(0)));
}
