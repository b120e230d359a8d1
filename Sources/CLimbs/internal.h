/* What the kernels of one level offer to the dispatching functions. */
#pragma once
#include "climbs.h"

void climbs_fr_multiply_portable(climbs_fr *r, const climbs_fr *a, const climbs_fr *b);
void climbs_fq_multiply_portable(climbs_fq *r, const climbs_fq *a, const climbs_fq *b);

#if defined(__x86_64__)
void climbs_fr_multiply_adx(climbs_fr *r, const climbs_fr *a, const climbs_fr *b);
void climbs_fq_multiply_adx(climbs_fq *r, const climbs_fq *a, const climbs_fq *b);
#endif
