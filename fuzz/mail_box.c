/* SPDX-License-Identifier: Apache-2.0 */
/* Mailboxes of many messages: nothing is lost but "From " lines and the '>' of quoted ones. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ARENA(a);
    struct str box = { (const char *)bytes, length }, message;
    size_t sum = 0;
    (void)mail_looks_like(box);
    while (mail_box_next(&box, &a, &message)) {
        if (message.length == 0)
            __builtin_trap();
        sum += message.length;
    }
    if (sum > length)
        __builtin_trap();
    return 0;
}
