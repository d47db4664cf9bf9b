/* SPDX-License-Identifier: Apache-2.0 */
/* Territory lists, conditions and identifiers: what is taken is written and read back the same. */
#include <stdlib.h>

#include "registry/registry.h"

static void territories(struct str text)
{
    struct territory_set set, again;
    struct territory_warnings w;
    struct error e;
    BUF(b);
    if (territory_set_parse(text, &set, &w, &e) != OK)
        return;
    territory_set_format(&set, &b);
    if (territory_set_parse(buf_as_str(&b), &again, &w, &e) != OK ||
        !territory_set_equal(&set, &again))
        abort();
}

static void conditions(struct str text)
{
    struct condition found[CONDITIONS_MOST], again[CONDITIONS_MOST];
    size_t count, count_again;
    struct error e;
    BUF(b);
    if (conditions_parse(text, found, &count, &e) != OK)
        return;
    conditions_format(found, count, &b);
    if (conditions_parse(buf_as_str(&b), again, &count_again, &e) != OK || count != count_again)
        abort();
    for (size_t i = 0; i < count; i++)
        if (!condition_equal(&found[i], &again[i]))
            abort();
}

typedef enum code parse_fn(struct str text, char out[IDENTIFIER_TEXT], struct error *e);

static void identifier(parse_fn *parse, struct str text)
{
    char out[IDENTIFIER_TEXT], again[IDENTIFIER_TEXT];
    struct error e;
    if (parse(text, out, &e) != OK)
        return;
    if (parse(str_of(out), again, &e) != OK || strcmp(out, again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static parse_fn *const parsers[] = { isrc_parse, iswc_parse, ipi_name_parse, ipi_base_parse,
                                         isni_parse, gtin_parse, grid_parse };
    struct str text = { (const char *)bytes, count };
    char out[IDENTIFIER_TEXT];
    bool checks;
    struct error e;
    unsigned bits;
    territories(text);
    conditions(text);
    for (size_t i = 0; i < COUNT_OF(parsers); i++)
        identifier(parsers[i], text);
    (void)!dpid_parse(text, out, &checks, &e);
    (void)!uses_parse(text, &bits, &e);
    return 0;
}
