package io.jenkins.plugins.cvmfs.notify.config;

import com.cloudbees.hudson.plugins.folder.AbstractFolder;
import com.cloudbees.hudson.plugins.folder.AbstractFolderProperty;
import com.cloudbees.hudson.plugins.folder.AbstractFolderPropertyDescriptor;
import hudson.Extension;
import hudson.model.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sf.json.JSONObject;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.StaplerRequest2;

/**
 * The section "CVMFS notifications" of a folder: servers and repositories for the jobs in it, and in the folders in it. Those who may
 * configure the folder change it. Folders save the names of this class, of the entries and of their fields.
 *
 * <p>The plugin that brings folders is optional: nothing else here names its types.
 */
public final class CvmfsFolderProperty extends AbstractFolderProperty<AbstractFolder<?>> {

    private @Nullable List<ServerEntry> servers;
    private @Nullable List<RepositoryEntry> repositories;

    @DataBoundConstructor
    public CvmfsFolderProperty() {
        // The lists are set.
    }

    /** The notification servers that pipelines in the folder may name. */
    public List<ServerEntry> getServers() {
        return servers == null ? List.of() : servers;
    }

    @DataBoundSetter
    public void setServers(@Nullable List<ServerEntry> all) {
        this.servers = all == null ? null : new ArrayList<>(all);
    }

    /** The repositories that pipelines in the folder may name. */
    public List<RepositoryEntry> getRepositories() {
        return repositories == null ? List.of() : repositories;
    }

    @DataBoundSetter
    public void setRepositories(@Nullable List<RepositoryEntry> all) {
        this.repositories = all == null ? null : new ArrayList<>(all);
    }

    /** The form in a folder's configuration, and the way from a folder to its entries. */
    @Extension(optional = true)
    public static final class DescriptorImpl extends AbstractFolderPropertyDescriptor implements FolderSites {

        @Override
        public String getDisplayName() {
            return Messages.CvmfsNotifyConfiguration_DisplayName();
        }

        /** Returns nothing for a form without an entry, so that folders without any keep no trace of it. */
        @Override
        public @Nullable AbstractFolderProperty<?> newInstance(@Nullable StaplerRequest2 req, JSONObject form)
                throws FormException {
            return super.newInstance(req, form) instanceof CvmfsFolderProperty property
                            && !(property.getServers().isEmpty()
                                    && property.getRepositories().isEmpty())
                    ? property
                    : null;
        }

        @Override
        public boolean has(Item item) {
            return item instanceof AbstractFolder;
        }

        @Override
        public Optional<SiteLevel> of(Item folder) {
            CvmfsFolderProperty property =
                    ((AbstractFolder<?>) folder).getProperties().get(CvmfsFolderProperty.class);
            return Optional.ofNullable(property)
                    .map(found -> new SiteLevel(folder.getFullName(), found.getServers(), found.getRepositories()));
        }
    }
}
