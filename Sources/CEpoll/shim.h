// epoll and eventfd, which Swift's Glibc module leaves out; enumerators as plain numbers.
#include <sys/epoll.h>
#include <sys/eventfd.h>

static const unsigned int ezkl_epoll_in = EPOLLIN;
static const unsigned int ezkl_epoll_out = EPOLLOUT;
static const unsigned int ezkl_epoll_broken = EPOLLERR | EPOLLHUP;
static const int ezkl_epoll_cloexec = EPOLL_CLOEXEC;
static const int ezkl_eventfd_flags = EFD_NONBLOCK | EFD_CLOEXEC;
