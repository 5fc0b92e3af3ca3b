/*
 * A TLS 1.3 peer with raw public keys (RFC 7250): OpenSSL as it is linked into a Node binary, whose tls module does not
 * offer them. Compiled against the headers that come with that binary and loaded into it by process.dlopen, it plays its
 * part instead of a module: it never returns to JavaScript.
 *
 * Told by the environment:
 *   PEER_ROLE         server or client
 *   PEER_PORT         client: where to connect to, on 127.0.0.1
 *   PEER_KEY          private key in PEM, shown as a raw public key; may be missing on a client
 *   PEER_EXPECTED     public key in PEM that the other end must show; a server with it asks for one
 *   PEER_CONNECTIONS  how many connections one after another; a client resumes its last session from the second on
 *
 * Prints one JSON object a line: {"event":"listening","port":n}, and for each connection "handshake", "closed" or
 * "failed". A server echoes; a client sends "hello" and waits for as much.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

static const unsigned char raw_only[] = {TLSEXT_cert_type_rpk};
static SSL_SESSION *last_session = NULL;

static void die(const char *what) {
  printf("{\"event\":\"broken\",\"at\":\"%s\",\"error\":\"%s\"}\n", what, ERR_reason_error_string(ERR_peek_error()));
  fflush(stdout);
  _exit(1);
}

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value != NULL && *value != '\0' ? value : NULL;
}

static EVP_PKEY *read_key(const char *path, int is_private) {
  FILE *file = fopen(path, "r");
  if (file == NULL) die(path);
  EVP_PKEY *key = is_private ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : PEM_read_PUBKEY(file, NULL, NULL, NULL);
  fclose(file);
  if (key == NULL) die(path);
  return key;
}

static int keep_session(SSL *ssl, SSL_SESSION *session) {
  (void)ssl;
  SSL_SESSION_free(last_session);
  last_session = session;
  return 1;
}

static SSL_CTX *make_context(int is_server, const char *key_path) {
  SSL_CTX *context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
  if (context == NULL || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)) die("context");
  if (key_path != NULL && SSL_CTX_use_PrivateKey(context, read_key(key_path, 1)) != 1) die("key");
  if (SSL_CTX_dane_enable(context) <= 0) die("dane");
  /* What the server shows and the client accepts, and the other way round. */
  if (!SSL_CTX_set1_server_cert_type(context, raw_only, 1)) die("server type");
  if (!SSL_CTX_set1_client_cert_type(context, raw_only, 1)) die("client type");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  SSL_CTX_set_session_id_context(context, (const unsigned char *)"raw keys", 8);
  return context;
}

static void report(SSL *ssl, EVP_PKEY *expected) {
  EVP_PKEY *shown = SSL_get0_peer_rpk(ssl);
  printf("{\"event\":\"handshake\",\"serverType\":%d,\"clientType\":%d,\"peerKey\":%s,\"verified\":%s,\"resumed\":%s,"
         "\"group\":\"%s\"}\n",
         SSL_get_negotiated_server_cert_type(ssl), SSL_get_negotiated_client_cert_type(ssl),
         shown == NULL ? "null" : expected != NULL && EVP_PKEY_eq(shown, expected) == 1 ? "\"expected\"" : "\"other\"",
         SSL_get_verify_result(ssl) == X509_V_OK ? "true" : "false", SSL_session_reused(ssl) ? "true" : "false",
         SSL_get0_group_name(ssl));
}

static void carry(SSL *ssl, int is_server) {
  char buffer[4096];
  int length;
  size_t received = 0;
  if (!is_server) SSL_write(ssl, "hello", 5);
  while ((length = SSL_read(ssl, buffer, sizeof buffer)) > 0) {
    received += (size_t)length;
    if (is_server) SSL_write(ssl, buffer, length);
    else if (received >= 5) break;
  }
  SSL_shutdown(ssl);
  printf("{\"event\":\"closed\",\"received\":%zu}\n", received);
}

static void play(SSL_CTX *context, int descriptor, int is_server, EVP_PKEY *expected) {
  SSL *ssl = SSL_new(context);
  if (ssl == NULL || !SSL_set_fd(ssl, descriptor)) die("connection");
  if (SSL_dane_enable(ssl, is_server ? NULL : "localhost") <= 0) die("dane");
  if (expected != NULL && !SSL_add_expected_rpk(ssl, expected)) die("expected");
  if (expected != NULL) SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  if (!is_server && !SSL_set_tlsext_host_name(ssl, "localhost")) die("name");
  if (!is_server && last_session != NULL) SSL_set_session(ssl, last_session);
  ERR_clear_error();
  if ((is_server ? SSL_accept(ssl) : SSL_connect(ssl)) == 1) {
    report(ssl, expected);
    carry(ssl, is_server);
  } else {
    printf("{\"event\":\"failed\",\"error\":\"%s\"}\n", ERR_reason_error_string(ERR_peek_last_error()));
  }
  fflush(stdout);
  SSL_free(ssl);
  close(descriptor);
}

static void run(void) {
  const int is_server = setting("PEER_ROLE") != NULL && strcmp(setting("PEER_ROLE"), "server") == 0;
  const char *count = setting("PEER_CONNECTIONS");
  EVP_PKEY *expected = setting("PEER_EXPECTED") == NULL ? NULL : read_key(setting("PEER_EXPECTED"), 0);
  SSL_CTX *context = make_context(is_server, setting("PEER_KEY"));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = -1;
  if (is_server) {
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("{\"event\":\"listening\",\"port\":%d}\n", ntohs(address.sin_port));
    fflush(stdout);
  } else {
    address.sin_port = htons((unsigned short)atoi(setting("PEER_PORT")));
  }
  for (int left = count == NULL ? 1 : atoi(count); left > 0; left--) {
    int descriptor = is_server ? accept(listener, NULL, NULL) : socket(AF_INET, SOCK_STREAM, 0);
    if (!is_server && connect(descriptor, (struct sockaddr *)&address, size) != 0) die("connect");
    play(context, descriptor, is_server, expected);
  }
}

/* Node looks this up when the library is loaded. */
__attribute__((visibility("default"))) void *napi_register_module_v1(void *environment, void *exports) {
  (void)environment;
  (void)exports;
  run();
  fflush(stdout);
  _exit(0);
}
