/*
 * channel.c -- messages between our processes, with a file that goes along.
 */
#include "app/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char octets[CMSG_SPACE(sizeof(int))];
};

int channel_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
}

bool channel_send(int channel, const void *octets, size_t n, int file)
{
	union control control = { .octets = { 0 } };
	struct iovec part = { .iov_len = n };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	memcpy(&part.iov_base, &octets, sizeof octets); /* sendmsg() does not write there */
	if (file >= 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof file);
		memcpy(control.octets + CMSG_LEN(0), &file, sizeof file);
		m.msg_control = control.octets;
		m.msg_controllen = sizeof control.octets;
	}
	do
		sent = sendmsg(channel, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)n;
}

ssize_t channel_receive(int channel, void *octets, size_t room, int *file)
{
	union control control;
	struct iovec part = { octets, room };
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.octets,
		.msg_controllen = sizeof control.octets,
	};
	ssize_t got;

	*file = -1;
	do
		got = recvmsg(channel, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got > 0 && m.msg_controllen >= CMSG_LEN(sizeof *file) &&
	    control.header.cmsg_type == SCM_RIGHTS)
		memcpy(file, control.octets + CMSG_LEN(0), sizeof *file);
	return got;
}
