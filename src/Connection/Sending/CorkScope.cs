using RawSocketChat.Sending;

namespace RawSocketChat;

/// <summary>
/// Gathers what one thread sends: see <see cref="WebSocketConnection.Cork"/>. Lives on one thread's stack, so no <c>await</c> can lie inside.
/// </summary>
public ref struct CorkScope : IDisposable
{
    private Cork? _cork;

    internal CorkScope(Cork cork) => _cork = cork;

    /// <summary>Writes what was gathered, unless a scope around this one goes on gathering. A second time changes nothing.</summary>
    public void Dispose()
    {
        _cork?.End();
        _cork = null;
    }
}
