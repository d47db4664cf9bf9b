/* SPDX-License-Identifier: Apache-2.0 */
/* Inside flow: one message posted to an address that somebody gave. */
#ifndef LICET_FLOW_POST_H
#define LICET_FLOW_POST_H

#include <sys/socket.h>

#include "base/base.h"

struct post {
    const char *url, *id, *signatures;
    int64_t seconds; /* since 1970: webhook-timestamp */
    struct str body; /* JSON */
    bool private_ok; /* private addresses and http:// too */
};

/* The address is looked at when the connection is made, whatever name led to it; nothing is
 * followed, no proxy asked, the answer's body dropped.
 * out     status  of HTTP
 * errors  DENIED a private address; IO no answer */
MUST_USE enum code post_send(const struct post *p, long *status, struct error *e);

/* May a stranger's message go to this address? Pure. Only what is public on the Internet. */
bool address_is_public(const struct sockaddr *a, socklen_t length);

#endif
