/* libpq as Swift can import it: one function for each macro it cannot.
 *
 * It has no variables: a header-only module with state fails at link time. */
#ifndef CPOSTGRES_SHIM_H
#define CPOSTGRES_SHIM_H
#include <postgresql/libpq-fe.h>

/* The fields of an error, for PQresultErrorField. */
static inline int cpostgres_sqlstate(void) { return PG_DIAG_SQLSTATE; }
static inline int cpostgres_message(void) { return PG_DIAG_MESSAGE_PRIMARY; }
/* In English, whatever the language of the server. */
static inline int cpostgres_severity(void) { return PG_DIAG_SEVERITY_NONLOCALIZED; }

static inline void cpostgres_ignore(void *context, const PGresult *notice) {
  (void)context;
  (void)notice;
}
/* Notices would go to standard error otherwise. */
static inline void cpostgres_silence(PGconn *connection) {
  PQsetNoticeReceiver(connection, cpostgres_ignore, NULL);
}
#endif
