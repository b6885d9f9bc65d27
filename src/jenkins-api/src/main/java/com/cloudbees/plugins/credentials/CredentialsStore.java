package com.cloudbees.plugins.credentials;

import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.ModelObject;
import java.util.List;

public abstract class CredentialsStore {
    public abstract ModelObject getContext();

    public List<Domain> getDomains() {
        throw new UnsupportedOperationException();
    }

    public abstract List<Credentials> getCredentials(Domain domain);
}
