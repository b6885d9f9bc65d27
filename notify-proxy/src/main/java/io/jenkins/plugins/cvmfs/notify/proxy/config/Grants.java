package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;

/**
 * What somebody may do.
 *
 * @param publish which repositories' revisions they may announce
 * @param subscribe which repositories they may subscribe to
 * @param forget which repositories' last announcements they may have forgotten
 */
public record Grants(
        List<RepositoryPattern> publish, List<RepositoryPattern> subscribe, List<RepositoryPattern> forget) {

    /** Nothing. */
    public static final Grants NONE = new Grants(List.of(), List.of());

    /** Everything. */
    public static final Grants ALL = new Grants(
            List.of(new RepositoryPattern("*")),
            List.of(new RepositoryPattern("*")),
            List.of(new RepositoryPattern("*")));

    /** Without the right to have anything forgotten. */
    public Grants(List<RepositoryPattern> publish, List<RepositoryPattern> subscribe) {
        this(publish, subscribe, List.of());
    }

    /** Copies the lists. */
    public Grants {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
        forget = List.copyOf(forget);
    }

    /** Whether they may have this repository's last announcement forgotten. */
    public boolean mayForget(RepositoryName repository) {
        return forget.stream().anyMatch(pattern -> pattern.matches(repository));
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
