/* SPDX-License-Identifier: Apache-2.0 */
/* libebur128 calls an enum `error`, as we call a struct: here it gets another name. */
#ifndef LICET_AUDIO_EBUR_H
#define LICET_AUDIO_EBUR_H

#define error ebur128_error
#include <ebur128.h>
#undef error

#endif
