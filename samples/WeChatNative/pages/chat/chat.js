const { Chat } = require('../../chat/chat');
const { openSocket } = require('../../chat/socket');

Page({
  data: Object.assign(Chat.blank(), { nicknameDraft: '', serverDraft: '' }),

  onLoad() {
    this.chat = new Chat(openSocket, changes => this.setData(changes));
  },

  onShow() {
    this.chat.enter();
  },

  onHide() {
    this.chat.leave();
  },

  onUnload() {
    this.chat.leave();
  },

  typeDraft(event) {
    this.chat.type(event.detail.value);
  },

  // By the button, or by the keyboard's own key, which says what is in the field.
  send(event) {
    if (typeof event.detail.value === 'string') {
      this.chat.type(event.detail.value);
    }

    this.chat.say();
  },

  toggleSettings() {
    this.setData({
      settingsOpen: !this.data.settingsOpen,
      nicknameDraft: this.data.nickname,
      serverDraft: this.data.server,
    });
  },

  typeNickname(event) {
    this.setData({ nicknameDraft: event.detail.value });
  },

  typeServer(event) {
    this.setData({ serverDraft: event.detail.value });
  },

  applySettings() {
    this.chat.applySettings(this.data.nicknameDraft, this.data.serverDraft);
  },
});
