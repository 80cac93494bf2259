// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "pcap_file.h"
#include "pcapng_direction.h"
#include "util.h"

struct pcap_file {
	pcap_t *pcap;
	struct pcapng *pcapng; /* beside it, for the directions; NULL: it tells none */
};

static int check_link(pcap_t *pcap)
{
	const char *name = pcap_datalink_val_to_name(pcap_datalink(pcap));

	if (pcap_datalink(pcap) == DLT_EN10MB)
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
	new->pcap = pcap_open_offline(path, message);
	if (!new->pcap)
		return error_set(-EINVAL, "cannot read the capture: %s", message);
	error = check_link(new->pcap);
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
		pcap_close(file->pcap);
	pcapng_close(file->pcapng);
	free(file);
}

int pcap_file_next(struct pcap_file *file, struct pcap_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int got = pcap_next_ex(file->pcap, &header, &data);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got < 0)
		return error_set(-EIO, "cannot read on in the capture: %s",
				 pcap_geterr(file->pcap));
	*packet = (struct pcap_packet){ data, header->caplen, header->len,
					file->pcapng ? pcapng_next(file->pcapng) : -1 };
	return 1;
}
