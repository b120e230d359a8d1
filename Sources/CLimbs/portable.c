#include "climbs.h"
typedef int climbs_nonempty;
