package io.jenkins.plugins.cvmfs.notify.connection;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import hudson.model.Describable;
import hudson.model.Item;
import hudson.security.ACL;
import hudson.security.ACLContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jspecify.annotations.Nullable;

/** The credentials of the place that an entry is configured in: of Jenkins itself, or of a folder. */
final class PlaceCredentials {

    private PlaceCredentials() {}

    /**
     * Says in one sentence that there are no credentials with an id of the kind that is needed, and what has the id instead. May block.
     *
     * @param problem its beginning, with {@code %s} for the id
     * @param folder as in {@link #lookup}
     */
    static String missing(String problem, @Nullable String folder, String id) {
        return "%s among %s%s"
                .formatted(
                        problem.formatted(id),
                        folder == null
                                ? "Jenkins' credentials"
                                : "the credentials of the folder '%s'".formatted(folder),
                        find(folder, id, StandardCredentials.class, List.of())
                                .map(PlaceCredentials::difference)
                                .orElse(""));
    }

    private static String difference(StandardCredentials other) {
        // The credentials' own method has a narrower type in Jenkins than in what stands in for it.
        Describable<?> described = other;
        return other instanceof StringCredentials
                ? "; the one with this id is in a domain without the URL"
                : "; those with this id are of the kind '%s'"
                        .formatted(described.getDescriptor().getDisplayName());
    }

    /** Returns the credentials of a type with an id; otherwise as {@link #lookup}. */
    static <C extends StandardCredentials> Optional<C> find(
            @Nullable String folder, String id, Class<C> type, List<DomainRequirement> requirements) {
        return lookup(folder, type, requirements).stream()
                .filter(each -> each.getId().equals(id))
                .findFirst();
    }

    /**
     * Returns the credentials of a type. May block.
     *
     * @param folder the full name of the folder whose own they are, not those of the folders around it or of Jenkins; null for those of
     *     Jenkins itself
     * @param requirements leave out the credentials of other domains
     */
    @SuppressWarnings("try") // The context is in force as long as it is open.
    static <C extends StandardCredentials> List<C> lookup(
            @Nullable String folder, Class<C> type, List<DomainRequirement> requirements) {
        if (folder == null) {
            return CredentialsProvider.lookupCredentialsInItemGroup(type, Jenkins.get(), ACL.SYSTEM2, requirements);
        }
        List<C> found = new ArrayList<>();
        try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
            Item item = Jenkins.get().getItemByFullName(folder, Item.class);
            for (CredentialsStore store :
                    item == null ? List.<CredentialsStore>of() : CredentialsProvider.lookupStores(item)) {
                if (store.getContext() == item) {
                    store.getDomains().stream()
                            .filter(domain -> domain.test(requirements))
                            .flatMap(domain -> store.getCredentials(domain).stream())
                            .filter(type::isInstance)
                            .map(type::cast)
                            .forEach(found::add);
                }
            }
        }
        return found;
    }
}
