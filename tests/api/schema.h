/* SPDX-License-Identifier: Apache-2.0 */
/* A small JSON Schema validator: what api/openapi.json uses of the language, and no more. A keyword
 * it does not know is a fault, so that nothing is taken for checked that was not. */
#ifndef LICET_TESTS_API_SCHEMA_H
#define LICET_TESTS_API_SCHEMA_H

#include "base/base.h"

/* True: `value` is as `schema` says; else `why` tells where and what. */
bool schema_holds(const json_t *document, const json_t *schema, const json_t *value, char *why,
                  size_t room);
/* The schema of an answer: NULL where the document has none. `type`: its Content-Type. */
const json_t *schema_of_answer(const json_t *document, const char *method, const char *path,
                               int status, const char *type);
/* The operation for a path as it was asked, or as it is written in the document. */
const json_t *schema_operation(const json_t *document, const char *method, const char *path);
/* Follow a $ref once. */
const json_t *schema_resolve(const json_t *document, const json_t *v);

#endif
