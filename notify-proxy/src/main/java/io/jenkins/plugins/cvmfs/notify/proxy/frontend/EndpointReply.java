package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

/**
 * What an endpoint answers.
 *
 * @param status the HTTP status, such as 200
 * @param contentType the body's media type, such as {@code application/json}; the front end adds no charset
 * @param body the whole body; sent as UTF-8
 */
public record EndpointReply(int status, String contentType, String body) {}
