/* SPDX-License-Identifier: Apache-2.0 */
/* Signed links to renditions: /m/<base64url>, checked without disk or database.
 *
 * The text is version | rendition | mode | territory | app key | verdict | not after | seal; see
 * docs/formats/media-link.md. The seal is keyed BLAKE2b-128 over all that stands before it. A
 * link carries the verdict that allowed it, so each byte served can be traced to a decision. */
#ifndef LICET_MEDIA_LINK_H
#define LICET_MEDIA_LINK_H

#include "base/base.h"

enum { LINK_KEY_BYTES = 32, LINK_TEXT = 104 };

enum link_mode { LINK_PREVIEW = 1, LINK_FULL = 2 };

struct media_link {
    struct rendition_id rendition;
    enum link_mode mode;
    char territory[3]; /* ISO 3166-1, two letters; "" when it was not known */
    struct app_key_id app_key;
    struct verdict_id verdict;
    struct instant not_after; /* whole seconds; what is left over is cut off */
};

/* Write "/m/..." into `out` and return it. */
const char *media_link_make(const uint8_t key[LINK_KEY_BYTES], const struct media_link *link,
                            char out[LINK_TEXT]);

/* Forged: not ours, changed or not a link at all (403). Expired: ours, but its time is over (410). */
enum link_state { LINK_GOOD, LINK_EXPIRED, LINK_FORGED };

/* `text` is the path, or what stands behind "/m/". Any of `count` keys will do: the present one and
 * those before it. `out` is filled unless the link is forged. */
enum link_state media_link_check(const uint8_t (*keys)[LINK_KEY_BYTES], size_t count,
                                 struct str text, struct instant now, struct media_link *out);

#endif
