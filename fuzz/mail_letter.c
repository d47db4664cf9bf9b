/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: MIME, ACNS and a label's plain words; what is read of them is JSON that desk reads. */
#include "desk/desk.h"
#include "mail/mail.h"

static void read_again(const struct buf *text)
{
    ARENA(a);
    JSON(json);
    struct notice_draft d;
    struct error e;
    if (json_read(buf_as_str(text), &json, &e) != OK)
        __builtin_trap(); /* what the child says, the program reads */
    if (desk_draft_json(json_object_get(json, "notice"), &a, &d, &e) == OK && d.item_count == 0)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    BUF(text);
    struct error e = { 0 };
    struct str message = { (const char *)bytes, length };
    enum code code = mail_read_here(message, STR("mx.example"), &text, &e);
    if (code == OK)
        read_again(&text);
    else if (!e.text[0])
        __builtin_trap();
    return 0;
}
