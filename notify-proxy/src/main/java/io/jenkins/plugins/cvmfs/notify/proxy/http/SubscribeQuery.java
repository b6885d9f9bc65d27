package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.util.List;
import java.util.Optional;

/** What the query and the headers of a subscribe request ask for. */
final class SubscribeQuery {

    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private SubscribeQuery() {}

    /**
     * The repositories named by {@code repository} parameters, each once; empty if there are none.
     *
     * @throws InvalidRequestException if one is no repository name
     */
    static List<RepositoryName> repositories(RequestHead head) {
        List<String> names = head.target().all("repository");
        if (names.isEmpty()) {
            return List.of();
        }
        try {
            return names.stream().map(RepositoryName::new).distinct().toList();
        } catch (InvalidInputException e) {
            throw new InvalidRequestException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * What the subscriber has: the header {@code Last-Event-ID}, else the parameter of that name, else {@code after}. The header
     * comes first because a browser that reconnects sends it with the URL it began with.
     *
     * @throws InvalidRequestException if {@code after} is no revision
     */
    static ResumePoint resume(RequestHead head) {
        return Optional.ofNullable(head.headers().get(LAST_EVENT_ID))
                .or(() -> head.target().first(LAST_EVENT_ID))
                .map(SubscribeQuery::afterEvent)
                .or(() -> head.target().first("after").map(SubscribeQuery::afterRevision))
                .orElse(ResumePoint.FROM_LAST_VALUE);
    }

    private static ResumePoint afterEvent(String id) {
        Optional<LogPosition> position = LogPosition.parse(id);
        if (position.isPresent()) {
            return new ResumePoint.AfterPosition(position.get());
        }
        try {
            return new ResumePoint.AfterRevision(Revision.parse(id));
        } catch (InvalidInputException notOurs) {
            // An id of some other server: the subscriber has nothing of ours.
            return ResumePoint.FROM_LAST_VALUE;
        }
    }

    private static ResumePoint afterRevision(String revision) {
        try {
            return new ResumePoint.AfterRevision(Revision.parse(revision));
        } catch (InvalidInputException e) {
            throw new InvalidRequestException("parameter 'after': " + e.getMessage());
        }
    }
}
