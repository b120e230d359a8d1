// libcurl, and what of it takes variable arguments, as one plain function: a POST whose peers somebody judges.
#include <curl/curl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/// What is sent where, and its bounds. `authorities` is a file with certificates, or NULL for the system's.
typedef struct {
  const char *url, *authorities, *body;
  size_t body_bytes, reply_bytes;
  const char *const *headers;
  size_t header_count;
  long connect_milliseconds, milliseconds;
  /// Whether a connection to this address may be made; asked with the address that is connected to.
  int (*allows)(void *context, const struct sockaddr *address);
  /// Whether the answer is still wanted; asked about once a second.
  int (*wanted)(void *context);
  void *context;
} ezkl_curl_post_options;

/// What came of it: the status of the answer, 0 without one, and words where something went wrong.
typedef struct {
  long status;
  int was_refused;
  char fault[CURL_ERROR_SIZE];
} ezkl_curl_outcome;

typedef struct {
  const ezkl_curl_post_options *options;
  size_t received;
  int was_refused;
} ezkl_curl_state;

static inline curl_socket_t ezkl_curl_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  ezkl_curl_state *state = (ezkl_curl_state *)context;
  (void)purpose;
  if (!state->options->allows(state->options->context, &address->addr)) {
    state->was_refused = 1;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline size_t ezkl_curl_take(char *bytes, size_t size, size_t count, void *context) {
  ezkl_curl_state *state = (ezkl_curl_state *)context;
  (void)bytes;
  state->received += size * count;
  return state->received > state->options->reply_bytes ? 0 : size * count;
}

static inline int ezkl_curl_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  ezkl_curl_state *state = (ezkl_curl_state *)context;
  (void)a, (void)b, (void)c, (void)d;
  return state->options->wanted(state->options->context) ? 0 : 1;
}

/// The library's version, a number alone.
static inline const char *ezkl_curl_version(void) { return curl_version_info(CURLVERSION_NOW)->version; }

/// To be called once, before any thread posts.
static inline int ezkl_curl_begin(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

/// Posts, and waits for the answer. Follows no redirect, asks no proxy, knows no other scheme than http and https.
static inline ezkl_curl_outcome ezkl_curl_post(const ezkl_curl_post_options *options) {
  ezkl_curl_outcome outcome = {0, 0, ""};
  ezkl_curl_state state = {options, 0, 0};
  CURL *handle = curl_easy_init();
  struct curl_slist *headers = NULL;
  int is_good = handle != NULL;
  for (size_t i = 0; is_good && i < options->header_count; i++) {
    struct curl_slist *longer = curl_slist_append(headers, options->headers[i]);
    is_good = longer != NULL;
    if (is_good) headers = longer;
  }
  if (!is_good) {
    strcpy(outcome.fault, "out of memory");
    curl_slist_free_all(headers);
    if (handle != NULL) curl_easy_cleanup(handle);
    return outcome;
  }
#define SET(option, value) is_good = is_good && curl_easy_setopt(handle, option, value) == CURLE_OK
  SET(CURLOPT_ERRORBUFFER, outcome.fault);
  SET(CURLOPT_URL, options->url);
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_PROXY, "");
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  if (options->authorities != NULL) SET(CURLOPT_CAINFO, options->authorities);
  SET(CURLOPT_CONNECTTIMEOUT_MS, options->connect_milliseconds);
  SET(CURLOPT_TIMEOUT_MS, options->milliseconds);
  SET(CURLOPT_HTTPHEADER, headers);
  SET(CURLOPT_POST, 1L);
  SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)options->body_bytes);
  SET(CURLOPT_POSTFIELDS, options->body);
  SET(CURLOPT_OPENSOCKETFUNCTION, ezkl_curl_open);
  SET(CURLOPT_OPENSOCKETDATA, &state);
  SET(CURLOPT_WRITEFUNCTION, ezkl_curl_take);
  SET(CURLOPT_WRITEDATA, &state);
  SET(CURLOPT_XFERINFOFUNCTION, ezkl_curl_progress);
  SET(CURLOPT_XFERINFODATA, &state);
  SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
  CURLcode code = is_good ? curl_easy_perform(handle) : CURLE_FAILED_INIT;
  if (code != CURLE_OK && outcome.fault[0] == 0) strncpy(outcome.fault, curl_easy_strerror(code), CURL_ERROR_SIZE - 1);
  if (code == CURLE_OK) outcome.fault[0] = 0;
  // An answer that is too long is an answer.
  if (code == CURLE_OK || code == CURLE_WRITE_ERROR) curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome.status);
  outcome.was_refused = state.was_refused;
  curl_easy_cleanup(handle);
  curl_slist_free_all(headers);
  return outcome;
}
