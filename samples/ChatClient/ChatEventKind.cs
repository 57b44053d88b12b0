namespace ChatClient;

/// <summary>What the server tells: its <c>type</c>.</summary>
internal enum ChatEventKind
{
    Chat,
    Announcement,
    Welcome,
    Join,
    Leave,
    Rename,
    Error,
}
