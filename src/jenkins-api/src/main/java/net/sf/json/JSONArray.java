package net.sf.json;

public final class JSONArray {
    public JSONArray() {
        throw new UnsupportedOperationException();
    }

    public boolean add(Object value) {
        throw new UnsupportedOperationException();
    }
}
