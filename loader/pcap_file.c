// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

#include "error.h"
#include "pcap_file.h"

/* libpcap's own handle: the name is only ours. */
static pcap_t *handle(struct pcap_file *file)
{
	return (pcap_t *)file;
}

int pcap_file_open(const char *path, struct pcap_file **file)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_open_offline(path, message);

	if (!pcap)
		return error_set(-EINVAL, "cannot read the capture: %s", message);
	if (pcap_datalink(pcap) != DLT_EN10MB) {
		const char *name = pcap_datalink_val_to_name(pcap_datalink(pcap));

		error_set(-EINVAL,
			  "a capture of %s, not of Ethernet frames: capture on one interface, not "
			  "on `any`",
			  name ? name : "something unknown");
		pcap_close(pcap);
		return -EINVAL;
	}
	*file = (struct pcap_file *)pcap;
	return 0;
}

void pcap_file_close(struct pcap_file *file)
{
	if (file)
		pcap_close(handle(file));
}

int pcap_file_next(struct pcap_file *file, struct pcap_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int got = pcap_next_ex(handle(file), &header, &data);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got < 0)
		return error_set(-EIO, "cannot read on in the capture: %s",
				 pcap_geterr(handle(file)));
	*packet = (struct pcap_packet){ data, header->caplen, header->len };
	return 1;
}
