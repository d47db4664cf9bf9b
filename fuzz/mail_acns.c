/* SPDX-License-Identifier: Apache-2.0 */
/* ACNS by itself, in a message around it: so that mutation meets the XML and not the MIME. */
#include "desk/desk.h"
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char head[] = "From: a@agent.example\r\nContent-Type: application/xml\r\n\r\n";
    BUF(message);
    BUF(text);
    JSON(json);
    struct error e = { 0 };
    buf_text(&message, head);
    buf_put(&message, bytes, length);
    if (mail_read_here(buf_as_str(&message), STR(""), &text, &e) != OK)
        return 0;
    if (json_read(buf_as_str(&text), &json, &e) != OK)
        __builtin_trap();
    return 0;
}
