/* SPDX-License-Identifier: Apache-2.0 */
/* A command's world: the audio host first, before there are threads or secrets, then the data. */
#include "cli/world.h"

#include "mail/mail.h"

static void world_done(struct cli_world *w)
{
    world_close(w->world);
    confine_host_stop(w->mail);
    confine_host_stop(w->messages);
    audio_host_stop(w->audio);
}

void cli_world_done(struct cli_world *w)
{
    world_done(w);
    *w = (struct cli_world) { 0 };
}

enum code cli_world_open(const struct cli_call *c, unsigned needs, struct cli_world *out,
                         struct error *e)
{
    struct cli_world w = { 0 };
    if (needs & NEEDS_AUDIO)
        TRY(audio_host_start(&w.audio, e));
    if ((needs & NEEDS_MESSAGES) && ern_host_start(&w.messages, e) != OK) {
        world_done(&w);
        return e->code;
    }
    if (((needs & NEEDS_MAIL) ||
         ((needs & NEEDS_POST) && settings_text(c->settings, "desk.maildir")[0])) &&
        mail_host_start(&w.mail, e) != OK) {
        world_done(&w);
        return e->code;
    }
    struct world_options o = { .data = c->data,
                               .settings = c->settings,
                               .audio = w.audio,
                               .messages = w.messages,
                               .mail = w.mail,
                               .create = (needs & NEEDS_CREATE) != 0,
                               .blind = (needs & NEEDS_BLIND) != 0 };
    enum code code = world_open(&o, &w.world, e);
    if (code != OK) {
        world_done(&w);
        return code == ERR_NOT_FOUND ? fail_in(e, "try \"licet init --data %s\"", c->data) : code;
    }
    *out = w;
    return OK;
}
