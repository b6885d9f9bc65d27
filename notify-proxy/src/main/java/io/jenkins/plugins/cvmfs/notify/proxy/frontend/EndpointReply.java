package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

/**
 * What an endpoint answers.
 *
 * @param status the HTTP status, such as 200
 * @param contentType the body's media type, such as {@code application/json}
 * @param body the whole body; not to be changed afterwards
 */
public record EndpointReply(int status, String contentType, byte[] body) {}
