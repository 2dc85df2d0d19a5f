/* What the SDK does not give to the firmware on ESP32: the hardware's entropy, and a restart. */
#include "xsmc.h"

#include "bootloader_random.h"
#include "esp_random.h"
#include "esp_system.h"

/*
 * Without Wi-Fi and Bluetooth the generator has no physical noise unless the internal source is on.
 * It uses the SAR ADC, which the terminal does not.
 */
void xs_chip_startEntropy(xsMachine *the)
{
	bootloader_random_enable();
}

/* (buffer): fills all of it */
void xs_chip_entropy(xsMachine *the)
{
	void *buffer;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(0), &buffer, &length);
	esp_fill_random(buffer, length);
}

void xs_chip_restart(xsMachine *the)
{
	esp_restart();
}
