// The files of the dashboard as they were when the program was compiled.
#ifndef CDASHBOARD_H
#define CDASHBOARD_H

#include <stddef.h>

typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} cdashboard_file;

// The file with this number, counted from 0; without a name behind the last one.
cdashboard_file cdashboard_file_at(size_t number);

#endif
