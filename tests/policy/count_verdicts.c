/* SPDX-License-Identifier: Apache-2.0 */
/* For tests/policy/instructions.py: verdicts that are kept ready, then as many as asked for. */
#include <stdlib.h>

#include "check.h"

#include "scene.h"

int main(int argc, char **argv)
{
    struct scene s;
    struct rights *r;
    struct verdict_brief v;
    long count = argc > 1 ? atol(argv[1]) : 1000;
    unsigned modes = 0;
    scene_init(&s);
    struct rights_input in = scene_input(&s);
    in.present = s.asked.at;
    CHECK_OK(rights_build(&in, &r, e));
    s.asked.upload = (struct upload_id) { { 0 } };
    s.asked.recording = s.recordings[0].id;
    rights_answer(r, &s.asked, &v); /* made by the rules */
    for (long i = 0; i < count; i++) {
        rights_answer(r, &s.asked, &v);
        modes += v.mode;
    }
    rights_free(r);
    return modes != (unsigned)count * VERDICT_FULL;
}
