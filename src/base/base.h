/* SPDX-License-Identifier: Apache-2.0 */
/* The door of base: what every room stands on. */
#ifndef LICET_BASE_BASE_H
#define LICET_BASE_BASE_H

#include "base/arena.h"
#include "base/big.h"
#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/money.h"
#include "base/rational.h"
#include "base/settings.h"
#include "base/str.h"
#include "base/time.h"

#endif
