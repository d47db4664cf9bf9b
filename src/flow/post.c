/* SPDX-License-Identifier: Apache-2.0 */
/* Posting through libcurl, guarded against addresses of the inside. */
#include "flow/post.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 5, WHOLE_SECONDS = 20, ANSWER_MOST = 1 << 20 };

/* ---- addresses ---- */

/* What is not public of IPv4 (RFC 6890 and its registry). */
static const struct span4 {
    uint32_t first;
    int bits;
} closed4[] = {
    { 0x00000000, 8 },  { 0x0A000000, 8 },  { 0x64400000, 10 }, { 0x7F000000, 8 },
    { 0xA9FE0000, 16 }, { 0xAC100000, 12 }, { 0xC0000000, 24 }, { 0xC0000200, 24 },
    { 0xC0586300, 24 }, { 0xC0A80000, 16 }, { 0xC6120000, 15 }, { 0xC6336400, 24 },
    { 0xCB007100, 24 }, { 0xE0000000, 4 },  { 0xF0000000, 4 },
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(closed4); i++)
        if ((address ^ closed4[i].first) >> (32 - closed4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t number4(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Of IPv6 only 2000::/3 is in use; of that, not what documents and tunnels use. */
static bool is_public6(const uint8_t a[16])
{
    if (a[0] >> 5 != 1)
        return false;
    if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
        return is_public4(number4(a + 2));
    bool special = a[0] == 0x20 && a[1] == 0x01 &&
                   (a[2] >> 1 == 0 || (a[2] == 0x0D && a[3] == 0xB8));
    bool documents = a[0] == 0x3F && a[1] == 0xFF && a[2] >> 4 == 0;
    return !special && !documents;
}

bool address_is_public(const struct sockaddr *a, socklen_t length)
{
    if (a->sa_family == AF_INET && length >= sizeof(struct sockaddr_in))
        return is_public4(ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr));
    if (a->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6))
        return is_public6(((const struct sockaddr_in6 *)(const void *)a)->sin6_addr.s6_addr);
    return false;
}

/* ---- posting ---- */

struct posting {
    const struct post *post;
    bool refused;
    size_t answered;
};

/* The address that was resolved is the one that is connected to: a name cannot change in between. */
static curl_socket_t open_socket(void *posting, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct posting *p = posting;
    (void)purpose;
    if (!p->post->private_ok && !address_is_public(&to->addr, to->addrlen)) {
        p->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t drop(char *bytes, size_t size, size_t count, void *posting)
{
    struct posting *p = posting;
    (void)bytes;
    p->answered += size * count;
    return p->answered <= ANSWER_MOST ? size * count : 0;
}

static void begin_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    char line[512];
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(list, line);
    return longer ? longer : list;
}

static struct curl_slist *headers_of(const struct post *p)
{
    char seconds[24];
    struct curl_slist *list = NULL;
    snprintf(seconds, sizeof seconds, "%lld", (long long)p->seconds);
    list = add_header(list, "Content-Type", "application/json");
    list = add_header(list, "webhook-id", p->id);
    list = add_header(list, "webhook-timestamp", seconds);
    list = add_header(list, "webhook-signature", p->signatures);
    return add_header(list, "Expect", "");
}

static void set_options(CURL *c, struct posting *p, struct curl_slist *headers, char *words)
{
    curl_easy_setopt(c, CURLOPT_URL, p->post->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, p->post->private_ok ? "http,https" : "https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)WHOLE_SECONDS);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "licet");
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, p->post->body.at);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->post->body.length);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, p);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, p);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
}

enum code post_send(const struct post *p, long *status, struct error *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct posting posting = { .post = p };
    char words[CURL_ERROR_SIZE] = "";
    pthread_once(&once, begin_curl);
    CURL *c = curl_easy_init();
    if (!c)
        return fail(e, ERR_MEMORY, "no memory for a message");
    struct curl_slist *headers = headers_of(p);
    set_options(c, &posting, headers, words);
    CURLcode code = curl_easy_perform(c);
    *status = 0;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
    if (posting.refused)
        return fail(e, ERR_DENIED, "the address is not a public one (webhooks.private)");
    if (code != CURLE_OK && *status == 0)
        return fail(e, ERR_IO, "%s", words[0] ? words : curl_easy_strerror(code));
    return OK;
}
