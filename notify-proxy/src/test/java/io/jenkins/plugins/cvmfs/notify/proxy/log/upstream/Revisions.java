package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes the revisions that a subscriber gets. */
final class Revisions implements SubscriptionListener {

    private final List<ActivityMessage> received = new CopyOnWriteArrayList<>();

    @Override
    public void activity(ActivityMessage message) {
        received.add(message);
    }

    List<Long> of(String repository) {
        return received.stream()
                .filter(message -> message.repository().equals(new RepositoryName(repository)))
                .map(message -> message.revision().bits())
                .toList();
    }

    int count() {
        return received.size();
    }
}
