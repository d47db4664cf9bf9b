/* SPDX-License-Identifier: Apache-2.0 */
/* Stored facts: whatever is taken can be decided, and is written and read back the same. */
#include <stdlib.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    BUF(once);
    BUF(twice);
    BUF(verdict);
    struct facts f;
    struct verdict v;
    struct error e;
    if (policy_facts_read((struct str) { (const char *)bytes, count }, &a, &f, &e) != OK)
        return 0;
    policy_decide(&f, &a, &v);
    policy_verdict_write(&v, &verdict);
    policy_facts_write(&f, &once);
    if (policy_facts_read(buf_as_str(&once), &a, &f, &e) != OK)
        abort();
    policy_facts_write(&f, &twice);
    if (!str_equal(buf_as_str(&once), buf_as_str(&twice)))
        abort();
    return 0;
}
