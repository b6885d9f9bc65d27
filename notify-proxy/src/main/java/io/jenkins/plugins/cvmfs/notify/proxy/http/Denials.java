package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** How it is said to somebody that they may not: 401 if credentials are missing or wrong, else 403. */
final class Denials {

    private static final String CHALLENGE = "Bearer realm=\"cvmfs-notify\"";

    private Denials() {}

    static Response answer(Denial denial, String detail) {
        HttpResponseStatus status =
                denial.asksForCredentials() ? HttpResponseStatus.UNAUTHORIZED : HttpResponseStatus.FORBIDDEN;
        Response answer = Response.error(status, denial.word()).withDetail(detail);
        return denial.asksForCredentials()
                ? answer.with(HttpHeaderNames.WWW_AUTHENTICATE.toString(), CHALLENGE)
                : answer;
    }

    /** Returns the answer to a subscriber who may not; its body names the repository and the missing right. */
    static Response toSubscriber(Denied denied, @Nullable RepositoryName repository) {
        return answer(denied.reason(), denied.detail()).withBody(Subscriptions.refusal(denied, repository));
    }
}
