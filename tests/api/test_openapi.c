/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access.h"
#include "api/api.h"
#include "check.h"
#include "schema.h"

#include <strings.h>

static json_t *document;

static int read_document(void **state)
{
    (void)state;
    CHECK_OK(json_read(api_openapi(), &document, e));
    return 0;
}

static int drop_document(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

TEST(every_route_is_in_the_document_with_its_scopes)
{
    for (size_t i = 0; i < api_route_count; i++) {
        const struct http_route *row = &api_routes[i];
        const char *method = http_method_word(row->method);
        const json_t *operation = schema_operation(document, method, row->pattern);
        if (!operation)
            STOP("%s %s is not in api/openapi.json", method, row->pattern);
        unsigned scopes = 0;
        const json_t *security = json_object_get(operation, "security");
        for (size_t s = 0; s < json_array_size(security); s++) {
            unsigned one;
            const json_t *words = json_object_get(json_array_get(security, s), "key");
            CHECK_OK(
                access_scopes_parse(str_of(json_string_value(json_array_get(words, 0))), &one, e));
            scopes |= one;
        }
        if (scopes != row->scope)
            STOP("%s %s: the scopes of the document are not those of the table", method,
                 row->pattern);
    }
}

static bool is_route(const char *method, const char *path)
{
    for (size_t i = 0; i < api_route_count; i++)
        if (strcasecmp(http_method_word(api_routes[i].method), method) == 0 &&
            strcmp(api_routes[i].pattern, path) == 0)
            return true;
    return false;
}

TEST(everything_in_the_document_is_a_route)
{
    const char *path, *method;
    json_t *item, *operation;
    size_t count = 0;
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            if (!is_route(method, path))
                STOP("%s %s is in api/openapi.json, and no route is", method, path);
            count++;
        }
    }
    assert_int_equal(count, api_route_count);
}

static void check_refs(const json_t *v)
{
    const char *name;
    json_t *member;
    size_t i;
    const char *to = json_string_value(json_object_get(v, "$ref"));
    if (to && !schema_resolve(document, v))
        STOP("%s leads nowhere", to);
    if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, name, member)
        {
            check_refs(member);
        }
    } else if (json_is_array(v)) {
        json_array_foreach((json_t *)(uintptr_t)v, i, member)
        {
            check_refs(member);
        }
    }
}

TEST(references_lead_somewhere_and_ids_of_operations_are_unique)
{
    JSON(seen);
    const char *path, *method;
    json_t *item, *operation;
    seen = json_object();
    check_refs(document);
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));
            assert_non_null(id);
            if (json_object_get(seen, id))
                STOP("%s stands twice", id);
            json_object_set_new(seen, id, json_true());
        }
    }
}

TEST(names_in_a_path_are_described)
{
    const char *path, *method;
    json_t *item, *operation, *parameter;
    size_t i;
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            size_t names = 0, described = 0;
            for (const char *p = path; *p; p++)
                names += *p == '{';
            json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
            {
                const char *in = json_string_value(json_object_get(parameter, "in"));
                const char *name = json_string_value(json_object_get(parameter, "name"));
                char braced[80];
                if (!in || strcmp(in, "path") != 0)
                    continue;
                snprintf(braced, sizeof braced, "{%s}", name);
                if (!strstr(path, braced))
                    STOP("%s %s: %s is not in the path", method, path, name);
                described++;
            }
            if (names != described)
                STOP("%s %s: not every name is described", method, path);
        }
    }
}

/* The validator itself: what it must refuse. */
TEST(the_validator_refuses_what_is_not_as_written)
{
    static const struct {
        const char *schema, *value;
        bool want;
    } rows[] = {
        { "{\"type\":\"string\"}", "\"x\"", true },
        { "{\"type\":\"string\"}", "1", false },
        { "{\"type\":[\"string\",\"null\"]}", "null", true },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"],"
          "\"additionalProperties\":false}",
          "{\"a\":1}", true },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"],"
          "\"additionalProperties\":false}",
          "{\"a\":1.5}", false },
        { "{\"type\":\"object\",\"properties\":{},\"required\":[\"a\"]}", "{}", false },
        { "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}", "{\"b\":1}",
          false },
        { "{\"type\":\"array\",\"items\":{\"enum\":[\"x\"]}}", "[\"x\",\"y\"]", false },
        { "{\"pattern\":\"^net_[0-9a-z]{26}$\"}", "\"net_1\"", false },
        { "{\"type\":\"string\",\"format\":\"date-time\"}", "\"yesterday\"", false },
        { "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}", "true", false },
        { "{\"type\":\"integer\",\"maximum\":5}", "6", false },
        { "{\"multipleOf\":5}", "5", false },
        { "{}", "{\"any\":[1]}", true },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        JSON(schema);
        JSON(value);
        char why[400] = "";
        CHECK_OK(json_read(str_of(rows[i].schema), &schema, e));
        CHECK_OK(json_read(str_of(rows[i].value), &value, e));
        if (schema_holds(document, schema, value, why, sizeof why) != rows[i].want)
            STOP("row %zu: %s %s", i, rows[i].value, why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_in_the_document_with_its_scopes),
        cmocka_unit_test(everything_in_the_document_is_a_route),
        cmocka_unit_test(references_lead_somewhere_and_ids_of_operations_are_unique),
        cmocka_unit_test(names_in_a_path_are_described),
        cmocka_unit_test(the_validator_refuses_what_is_not_as_written),
    };
    return cmocka_run_group_tests(tests, read_document, drop_document);
}
