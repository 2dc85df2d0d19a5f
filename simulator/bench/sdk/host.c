/*
 * Runs an application of the Moddable SDK for Linux (mc.so) without a window: mcsim's place is taken by a
 * GLib main loop. The process ends with 100 + status when the engine stops (1 memory full, 2 stack overflow,
 * 5 unhandled exception, 8 unhandled rejection ...), with 99 when the application cannot be started.
 *
 *   cc host.c -I$MODDABLE/build/simulators/modules $(pkg-config --cflags --libs gio-2.0) -ldl -o host
 *   ./host path/to/mc.so
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <gio/gio.h>

#include "screen.h"

enum { cannotStart = 99, abortBase = 100, bufferBytes = 4096 };

static void onAbort(txScreen *screen, int status)
{
	fflush(stdout);
	_Exit(abortBase + status);
}

static void onBufferChanged(txScreen *screen) {}
static void onFormatChanged(txScreen *screen) {}
static void onPost(txScreen *screen, char *message, int size) {}
static void onStart(txScreen *screen, double interval) {}
static void onStop(txScreen *screen) {}

static txScreen *makeScreen(void)
{
	txScreen *screen = calloc(1, sizeof(txScreen) + bufferBytes);
	screen->abort = onAbort;
	screen->bufferChanged = onBufferChanged;
	screen->formatChanged = onFormatChanged;
	screen->post = onPost;
	screen->start = onStart;
	screen->stop = onStop;
	screen->mainThread = mxCurrentThread();
	mxCreateMutex(&screen->workersMutex);
	return screen;
}

int main(int argc, char **argv)
{
	void *library;
	txScreenLaunchProc launch;

	if (argc != 2) {
		fprintf(stderr, "usage: %s path/to/mc.so\n", argv[0]);
		return cannotStart;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	library = dlopen(argv[1], RTLD_NOW);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return cannotStart;
	}
	launch = (txScreenLaunchProc)dlsym(library, "fxScreenLaunch");
	if (!launch) {
		fprintf(stderr, "%s\n", dlerror());
		return cannotStart;
	}
	txScreen *screen = makeScreen();
	launch(screen);
	if (!screen->machine) {
		fprintf(stderr, "the engine was not created\n");
		return cannotStart;
	}
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
