// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine_request.h"
#include "error.h"
#include "util.h"

#define PODMAN_HEADER "Libpod-API-Version:"

static bool make_room(struct engine_request *request, size_t size)
{
	char *grown;

	if (size > ENGINE_ANSWER_MAX)
		return false;
	if (size < request->capacity)
		return true;
	grown = realloc(request->answer, 2 * size + 1);
	if (!grown)
		return false;
	request->answer = grown;
	request->capacity = 2 * size + 1;
	return true;
}

static size_t take_answer(char *bytes, size_t one, size_t count, void *data)
{
	struct engine_request *request = data;

	if (!make_room(request, request->size + one * count))
		return 0;
	memcpy(request->answer + request->size, bytes, one * count);
	request->size += one * count;
	request->answer[request->size] = '\0';
	return one * count;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *data)
{
	struct engine_request *request = data;
	size_t length = strlen(PODMAN_HEADER);

	if (one * count > length && !strncasecmp(bytes, PODMAN_HEADER, length))
		request->podman = true;
	return one * count;
}

int engine_request_init(struct engine_request *request, const struct curl *curl, const char *socket,
			const char *path, int timeout_ms)
{
	_cleanup_(freep) char *url = NULL;
	CURL *easy = curl->curl_easy_init();

	*request = (struct engine_request){ .curl = curl, .easy = easy };
	if (!easy || asprintf(&url, "http://localhost%s", path) < 0)
		return -ENOMEM;
	snprintf(request->socket, sizeof(request->socket), "%s", socket);
	curl->curl_easy_setopt(easy, CURLOPT_URL, url);
	curl->curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->socket);
	curl->curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl->curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl->curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl->curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl->curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl->curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl->curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	return 0;
}

void engine_request_clear(struct engine_request *request)
{
	if (request->easy)
		request->curl->curl_easy_cleanup(request->easy);
	free(request->answer);
	*request = (struct engine_request){ 0 };
}

static int no_connection(struct engine_request *request)
{
	long number = 0;
	int error;

	request->curl->curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &number);
	error = number ? (int)number : ECONNREFUSED;
	return error_set(-ENOTCONN, "cannot reach the container engine at %s: %s%s",
			 request->socket, strerror(error),
			 error == ENOENT || error == ECONNREFUSED
				 ? " (is dockerd running? --docker-socket names another)"
				 : "");
}

static int no_answer(struct engine_request *request, CURLcode result)
{
	switch (result) {
	case CURLE_COULDNT_CONNECT:
		return no_connection(request);
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(-ETIMEDOUT, "the container engine at %s does not answer",
				 request->socket);
	case CURLE_WRITE_ERROR:
		return error_set(-EMSGSIZE, "the container engine at %s answers too much",
				 request->socket);
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return error_set(-EIO, "the container engine at %s has closed the connection",
				 request->socket);
	default:
		return error_set(-EIO, "no answer from the container engine at %s: %s",
				 request->socket, request->curl->curl_easy_strerror(result));
	}
}

/* An engine's words for what is wrong: {"message": "…"}. */
static int refusal(struct engine_request *request, long status)
{
	json_t *json = json_loadb(request->answer ? request->answer : "", request->size, 0, NULL);
	const char *words = json_string_value(json_object_get(json, "message"));
	int error = status == 404 ? -ENOENT : -EREMOTEIO;

	if (words)
		error_set(error, "the container engine at %s: %s", request->socket, words);
	else
		error_set(error, "the container engine at %s answers with HTTP status %ld",
			  request->socket, status);
	json_decref(json);
	return error;
}

int engine_request_check(struct engine_request *request, CURLcode result)
{
	long status = 0;

	if (result != CURLE_OK)
		return no_answer(request, result);
	request->curl->curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 ? 0 : refusal(request, status);
}
