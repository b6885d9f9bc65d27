package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;

/**
 * What somebody may do.
 *
 * @param publish which repositories' revisions they may announce
 * @param subscribe which repositories they may subscribe to
 */
public record Grants(List<RepositoryPattern> publish, List<RepositoryPattern> subscribe) {

    /** Nothing. */
    public static final Grants NONE = new Grants(List.of(), List.of());

    /** Everything. */
    public static final Grants ALL =
            new Grants(List.of(new RepositoryPattern("*")), List.of(new RepositoryPattern("*")));

    /** Copies the lists. */
    public Grants {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    /** Whether they may announce revisions of any repository. */
    public boolean mayPublishSome() {
        return !publish.isEmpty();
    }

    /** Whether they may announce this repository's revisions. */
    public boolean mayPublish(RepositoryName repository) {
        return publish.stream().anyMatch(pattern -> pattern.matches(repository));
    }

    /** Whether they may subscribe to this repository. */
    public boolean maySubscribe(RepositoryName repository) {
        return subscribe.stream().anyMatch(pattern -> pattern.matches(repository));
    }
}
