// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "library.h"
#include "pcap_file.h"
#include "pcapng_direction.h"
#include "util.h"

#define LIBPCAP_FUNCTIONS(X)         \
	X(pcap_open_offline)         \
	X(pcap_datalink)             \
	X(pcap_datalink_val_to_name) \
	X(pcap_next_ex)              \
	X(pcap_geterr)               \
	X(pcap_close)

struct libpcap {
	LIBPCAP_FUNCTIONS(LIBRARY_POINTER)
};

struct pcap_file {
	struct libpcap lib;
	pcap_t *pcap;
	struct pcapng *pcapng; /* beside it, for the directions; NULL: it tells none */
};

static int load_library(struct libpcap *lib)
{
	const struct library library = {
		.name = "libpcap",
		.purpose = "reading captures",
		.files = (const char *const[]){ "libpcap.so.0.8", "libpcap.so.1", NULL },
		.functions = (const char *const[]){ LIBPCAP_FUNCTIONS(LIBRARY_NAME) NULL },
	};

	return library_load(&library, lib);
}

static int check_link(const struct libpcap *lib, pcap_t *pcap)
{
	int type = lib->pcap_datalink(pcap);
	const char *name = lib->pcap_datalink_val_to_name(type);

	if (type == DLT_EN10MB)
		return 0;
	return error_set(-EINVAL,
			 "a capture of %s, not of Ethernet frames: capture on one interface, not "
			 "on `any`",
			 name ? name : "something unknown");
}

/* A pipe can be read only once. */
static struct pcapng *open_beside(const char *path)
{
	struct stat stat_;

	return !stat(path, &stat_) && S_ISREG(stat_.st_mode) ? pcapng_open(path) : NULL;
}

int pcap_file_open(const char *path, struct pcap_file **file)
{
	_cleanup_(pcap_file_closep) struct pcap_file *new = calloc(1, sizeof(*new));
	char message[PCAP_ERRBUF_SIZE] = "";
	int error;

	if (!new)
		return -ENOMEM;
	error = load_library(&new->lib);
	if (error)
		return error;
	new->pcap = new->lib.pcap_open_offline(path, message);
	if (!new->pcap)
		return error_set(-EINVAL, "cannot read the capture: %s", message);
	error = check_link(&new->lib, new->pcap);
	if (error)
		return error;
	new->pcapng = open_beside(path);
	*file = TAKE_PTR(new);
	return 0;
}

void pcap_file_close(struct pcap_file *file)
{
	if (!file)
		return;
	if (file->pcap)
		file->lib.pcap_close(file->pcap);
	pcapng_close(file->pcapng);
	free(file);
}

int pcap_file_next(struct pcap_file *file, struct pcap_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int got = file->lib.pcap_next_ex(file->pcap, &header, &data);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got < 0)
		return error_set(-EIO, "cannot read on in the capture: %s",
				 file->lib.pcap_geterr(file->pcap));
	*packet = (struct pcap_packet){ data, header->caplen, header->len,
					file->pcapng ? pcapng_next(file->pcapng) : -1 };
	return 1;
}
