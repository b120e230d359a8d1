// libmicrohttpd, and what of it takes variable arguments or is a macro, as plain functions and constants.
#include <microhttpd.h>
#include <stdint.h>
#include <string.h>

static const enum MHD_Result ezkl_http_yes = MHD_YES;
static const enum MHD_Result ezkl_http_no = MHD_NO;
static const enum MHD_ValueKind ezkl_http_headers = MHD_HEADER_KIND;
static const enum MHD_ValueKind ezkl_http_query = MHD_GET_ARGUMENT_KIND;
static const enum MHD_ResponseMemoryMode ezkl_http_copy = MHD_RESPMEM_MUST_COPY;
static const ssize_t ezkl_http_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;

/// Bounds of a server; `certificate` and `key` are PEM texts, or NULL for plain HTTP.
typedef struct {
  int listener;
  unsigned int connections, timeout_seconds;
  size_t header_bytes, stack_bytes;
  const char *certificate, *key;
} ezkl_http_options;

/// Leaves escapes as they are: they are decoded once, and strictly, by who looks at them.
static size_t ezkl_http_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

static inline struct MHD_Daemon *ezkl_http_start(
    const ezkl_http_options *options, MHD_AccessHandlerCallback answer, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connected, MHD_LogCallback log, void *context) {
  struct MHD_OptionItem items[] = {
      {MHD_OPTION_LISTEN_SOCKET, options->listener, NULL},
      {MHD_OPTION_CONNECTION_LIMIT, options->connections, NULL},
      {MHD_OPTION_CONNECTION_TIMEOUT, options->timeout_seconds, NULL},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)options->header_bytes, NULL},
      {MHD_OPTION_THREAD_STACK_SIZE, (intptr_t)options->stack_bytes, NULL},
      {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
      {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)&ezkl_http_keep_escapes, NULL},
      {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)completed, context},
      {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connected, context},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL}};
  unsigned int flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
                       MHD_USE_ERROR_LOG;
  if (options->certificate == NULL)
    return MHD_start_daemon(flags, 0, NULL, NULL, answer, context, MHD_OPTION_EXTERNAL_LOGGER, log, context,
                            MHD_OPTION_ARRAY, items, MHD_OPTION_END);
  return MHD_start_daemon(flags | MHD_USE_TLS, 0, NULL, NULL, answer, context, MHD_OPTION_EXTERNAL_LOGGER, log, context,
                          MHD_OPTION_ARRAY, items, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

/// The address of who is at the other end; NULL where it is not known.
static inline const struct sockaddr *ezkl_http_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// The socket of a connection; -1 where it is not known.
static inline int ezkl_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

/// What was noted about a connection when it began; NULL where nothing was.
static inline void *ezkl_http_note(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

/// Changes after how many seconds without a byte a connection is closed.
static inline void ezkl_http_set_timeout(struct MHD_Connection *connection, unsigned int seconds) {
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

static const enum MHD_ConnectionNotificationCode ezkl_http_connected = MHD_CONNECTION_NOTIFY_STARTED;

/// Connections that are open.
static inline unsigned int ezkl_http_connections(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return info == NULL ? 0 : info->num_connections;
}
